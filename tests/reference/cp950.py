"""Writes the code table of src/ingest/text/cp950.rs and the reference that its test compares with, both from Python's own codec.

    python3 tests/reference/cp950.py

Windows leaves the lead bytes 81-A0 and FA-FE and the codes C6A1-C8FE to the user (user-defined characters); those are computed by
formula and not in the table. Python reads 249 of them (C6A1-C7FC) as the characters of the ETEN extension: they are left out.
"""

import hashlib
import json
import pathlib
import platform

ROOT = pathlib.Path(__file__).parent.parent.parent
TRAILS = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]


def character(lead, trail):
    try:
        return bytes([lead, trail]).decode("cp950")
    except UnicodeDecodeError:
        return None


def user_defined(lead, trail):
    return lead <= 0xA0 or lead >= 0xFA or 0xC6A1 <= lead << 8 | trail <= 0xC8FE


def table():
    """One line a lead byte from A1 to F9, one character a trail byte; U+FFFD where there is none."""
    lines = []
    for lead in range(0xA1, 0xFA):
        found = (None if user_defined(lead, trail) else character(lead, trail) for trail in TRAILS)
        lines.append("".join(one or "\ufffd" for one in found))
    return "\n".join(lines) + "\n"


def reference():
    codes = [(lead, trail, character(lead, trail)) for lead in range(256) for trail in range(256) if lead >= 0x80]
    codes = [(lead, trail, one) for lead, trail, one in codes if one is not None and len(one) == 1]
    shared = [code for code in codes if not user_defined(code[0], code[1])]
    listing = "".join(f"{lead:02X}{trail:02X} {ord(one):04X}\n" for lead, trail, one in shared)
    elsewhere = [f"{lead:02X}{trail:02X}" for lead, trail, _ in codes if user_defined(lead, trail)]
    return {
        "version": platform.python_version(),
        "codes": len(shared),
        "sha256": hashlib.sha256(listing.encode()).hexdigest(),
        "first_read_otherwise": elsewhere[0],
        "last_read_otherwise": elsewhere[-1],
        "read_otherwise": len(elsewhere),
    }


(ROOT / "src/ingest/text/cp950.txt").write_text(table(), encoding="utf-8", newline="\n")
(ROOT / "tests/reference/cp950.json").write_text(json.dumps(reference(), indent=2) + "\n")
