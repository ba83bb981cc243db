"""Bytes as a person reads them."""


def readable(raw: bytes) -> str:
    """Bytes as a person can read them: UTF-8, else windows-1252; segment ends become lines, other controls become signs."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("windows-1252", "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(chr(0x2400 + ord(one)) if ord(one) < 32 and one != "\n" else one for one in lines)
