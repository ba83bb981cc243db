"""The frame of every page: request, words, band and components."""
