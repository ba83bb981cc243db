"""Staff: accounts, roles and rights, sign-in that works with nothing but this node."""
