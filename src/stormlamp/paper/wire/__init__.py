"""Pure codecs of paper."""
