"""The words that every room shares: plain Python, no input or output, no clock."""
