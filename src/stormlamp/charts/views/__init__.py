"""The pages of charts."""
