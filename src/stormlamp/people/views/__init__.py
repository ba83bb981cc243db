"""The pages: signing in (`doors`), one's own account (`own`), and the staff (`staff`)."""
