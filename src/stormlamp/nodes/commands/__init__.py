"""Nodes on the command line: making a home and joining (`joining`, before there are settings), and the rest (`listing`)."""
