"""Charts: the record of each patient while its own systems are away; what is read, written, printed and struck out."""
