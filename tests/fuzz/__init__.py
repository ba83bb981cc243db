"""Fuzzing of all that reads bytes from outside: what must hold, how inputs are spoilt, and the program that looks for trouble."""
