"""A node's home: one folder that holds everything but the key that opens it.

`home.toml` says who the node is and where it listens; `stormlamp.db` is the encrypted ledger with its tables; `clock.json` is there
only where time is scaled. The key lies outside (`--key-file`, STORMLAMP_KEY_FILE, a systemd credential named `stormlamp.key`, else
the user's configuration folder), so that a copied home opens nowhere else.
"""

import base64
import binascii
import hashlib
import json
import os
import secrets
import tomllib
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from stormlamp.kernel.identifiers import NodeId
from stormlamp.kernel.refusals import Trouble

KEY_BYTES = 32
MARKER = "home.toml"
_TOLD = ("id", "hospital", "authority", "node", "role", "language", "zone")
# Keys that every node of a hospital has: what they open was sealed on one node and is opened on another.
SHARED = ("totp", "bundle")
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """The hub, as it was when this node joined: its name and home, where it answers, its key and certificate (DER)."""

    node: NodeId
    home: str
    url: str
    public_key: bytes
    certificate: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """An opened home. `secret` is the 32-byte key; purposes get keys of their own by HKDF-SHA256."""

    path: Path
    id: str
    hospital: str
    authority: str
    node: NodeId
    role: str
    language: str
    zone: str
    secret: bytes = field(repr=False)
    options: dict[str, Any] = field(default_factory=dict)
    hub: Pinned | None = None
    shared: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def hospital_id(self) -> str:
        """What tells this hospital from every other: the home of its hub."""
        return self.hub.home if self.hub is not None else self.id

    @property
    def database(self) -> Path:
        """Where the encrypted database lies."""
        return self.path / "stormlamp.db"

    @property
    def begun(self) -> Path:
        """A file that is there once the database was made, so that a lost one shows."""
        return self.path / "begun"

    def key(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose; for those of SHARED it is the hub's, which this node got when it joined."""
        if purpose in self.shared:
            return self.shared[purpose]
        return _derived(self.secret, purpose)

    def signing_key(self) -> Ed25519PrivateKey:
        """The key that signs this node's checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self.key("checkpoints"))

    def public_key(self) -> bytes:
        """The 32 bytes that check the signatures."""
        return self.signing_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def opening_key(self) -> X25519PrivateKey:
        """The key that opens what is sealed for this node alone."""
        return X25519PrivateKey.from_private_bytes(self.key("seal"))

    def seal_key(self) -> bytes:
        """The 32 bytes (X25519) with which others seal for this node."""
        return self.opening_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def hospital_key(self) -> X25519PrivateKey:
        """The key that every node of the hospital has, which opens what is sealed for all; Trouble when this one joined before."""
        if self.hub is not None and "bundle" not in self.shared:
            raise Trouble(
                "this node joined before there was a key for bundles", hint="make bundles for it by its name, or let it join again"
            )
        return X25519PrivateKey.from_private_bytes(self.key("bundle"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What a node has before its home is made: an id and a key of its own; from the hub its name, the hub, and the shared keys."""

    id: str
    secret: bytes = field(repr=False)
    node: NodeId
    hub: Pinned
    shared: dict[str, bytes] = field(repr=False)

    def section(self) -> dict[str, str]:
        """The hub's section of `home.toml`; the shared keys are sealed with this node's own."""
        nonce, sealing = secrets.token_bytes(_NONCE_BYTES), ChaCha20Poly1305(_derived(self.secret, "shared"))
        plain = json.dumps({name: key.hex() for name, key in self.shared.items()}).encode()
        return {
            "node": self.hub.node,
            "home": self.hub.home,
            "url": self.hub.url,
            "public_key": _text(self.hub.public_key),
            "certificate": _text(self.hub.certificate),
            "shared": _text(nonce + sealing.encrypt(nonce, plain, None)),
        }


def create_home(
    path: Path,
    *,
    role: str,
    hospital: str = "Hospital",
    authority: str = "HOSPITAL",
    language: str = "en",
    zone: str = "Europe/Brussels",
    options: dict[str, dict[str, Any]] | None = None,
    key_file: Path | None = None,
    joined: Joined | None = None,
) -> Home:
    """Make a new home, or that of a node which has joined; Trouble when the folder already holds one or cannot be written."""
    if (path / MARKER).exists():
        raise Trouble(f"{path} is already a home", hint="choose another folder, or use the one that is there")
    if not _is_zone(zone):
        raise Trouble(f"{zone} is no time zone", hint="write it as Europe/Brussels")
    home_id = joined.id if joined else str(uuid.uuid4())
    secret = joined.secret if joined else secrets.token_bytes(KEY_BYTES)
    facts: dict[str, Any] = {
        "version": 1,
        "id": home_id,
        "hospital": hospital,
        "authority": authority,
        "node": joined.node if joined else f"{role}-{secrets.token_hex(3)}",
        "role": role,
        "language": language,
        "zone": zone,
    }
    sections = (options or {}) | ({"hub": joined.section()} if joined else {})
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        facts["key_file"] = _placed_key(key_file or _key_place(home_id), secret, fresh=joined is not None)
        _write_durably(path / MARKER, toml_text(facts, sections), mode=0o600)
    except OSError as error:
        raise Trouble(f"cannot make a home in {path}: {error}", hint="check the folder's owner and free space") from error
    return open_home(path)


def open_home(path: Path) -> Home:
    """Open a home with its key; Trouble when there is none or the key is missing."""
    try:
        told = tomllib.loads((path / MARKER).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Trouble(f"{path} is not a home", hint=f"make one: stormlamp init --home {path} --role hub") from error
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Trouble(f"{path / MARKER} cannot be read: {error}", hint="restore it from a copy") from error
    words: dict[str, str] = {name: told[name] for name in _TOLD if isinstance(told.get(name), str)}
    if lacking := sorted(set(_TOLD) - set(words)):
        raise Trouble(f"{path / MARKER} does not say {', '.join(lacking)}", hint="restore it from a copy")
    if not _is_zone(words["zone"]):
        raise Trouble(f"{path / MARKER} names no time zone: {words['zone']}", hint="write it as Europe/Brussels")
    secret, section = _secret(told), told.get("hub")
    try:
        hub = _pinned(section) if isinstance(section, dict) else None
        shared = _shared(secret, section) if isinstance(section, dict) else {}
    except (KeyError, ValueError, TypeError, binascii.Error, InvalidTag) as error:
        raise Trouble(
            f"what {path / MARKER} says of the hub cannot be read", hint="restore it from a copy, or join again"
        ) from error
    return Home(
        path=path,
        node=NodeId(words.pop("node")),
        secret=secret,
        options={name: value for name, value in told.items() if isinstance(value, dict | list) and name != "hub"},
        hub=hub,
        shared=shared,
        **words,
    )


def _key_place(home_id: str) -> Path:
    return Path(os.environ.get("STORMLAMP_KEY_FILE") or default_key_file(home_id))


def _placed_key(place: Path, secret: bytes, *, fresh: bool) -> str:
    """Write the key unless one is there; a node that joins has told the hub of its own, so that it takes no other."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not place.exists():
        _write_durably(place, secret.hex() + "\n", mode=0o600)
    elif fresh:
        raise Trouble(f"{place} is there already", hint="a node that joins gets a key of its own: name another --key-file")
    return str(place.absolute())


def default_key_file(home_id: str) -> Path:
    """Where a home's key lies unless somebody said otherwise."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "stormlamp" / f"{home_id}.key"


def toml_text(facts: dict[str, Any], sections: dict[str, dict[str, Any]]) -> str:
    """The text of a `home.toml`: strings, numbers and booleans only."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in facts.items()]
    for section, values in sections.items():
        lines += ["", f"[{section}]", *(f"{name} = {json.dumps(value)}" for name, value in values.items())]
    return "\n".join(lines) + "\n"


def unopened_home() -> Home:
    """A home of nobody, for tools that only look at the code: its database lives in memory."""
    return Home(
        path=Path("/nonexistent"),
        id=str(uuid.UUID(int=0)),
        hospital="Hospital",
        authority="HOSPITAL",
        node=NodeId("none"),
        role="hub",
        language="en",
        zone="Europe/Brussels",
        secret=hashlib.sha256(b"no home").digest(),
    )


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=f"stormlamp/{purpose}".encode()).derive(secret)


def _pinned(told: dict[str, str]) -> Pinned:
    return Pinned(
        node=NodeId(told["node"]),
        home=told["home"],
        url=told["url"],
        public_key=base64.b64decode(told["public_key"], validate=True),
        certificate=base64.b64decode(told["certificate"], validate=True),
    )


def _shared(secret: bytes, told: dict[str, str]) -> dict[str, bytes]:
    sealed = base64.b64decode(told["shared"], validate=True)
    plain = ChaCha20Poly1305(_derived(secret, "shared")).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    return {name: bytes.fromhex(key) for name, key in json.loads(plain).items()}


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _secret(told: dict[str, Any]) -> bytes:
    """The key that was named, else the service manager's, else the one that the home was made with."""
    named, credentials = os.environ.get("STORMLAMP_KEY_FILE"), os.environ.get("CREDENTIALS_DIRECTORY")
    if named and not Path(named).exists():
        raise Trouble(f"there is no key file {named}", hint=_GIVE_KEY)
    for candidate in (named, credentials and f"{credentials}/stormlamp.key", told.get("key_file")):
        if candidate and Path(candidate).exists():
            return _key_in(Path(candidate))
    raise Trouble("the key that opens this home is missing", hint=_GIVE_KEY)


def _key_in(place: Path) -> bytes:
    try:
        secret = bytes.fromhex(place.read_text(encoding="ascii").strip())
    except OSError as error:
        raise Trouble(f"the key cannot be read: {error}", hint="check who owns the key file") from error
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise Trouble(f"{place} is no key", hint="a key file holds 64 hexadecimal digits")
    return secret


_GIVE_KEY = "give it with --key-file or STORMLAMP_KEY_FILE"


def _write_durably(path: Path, text: str, *, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink()  # half a file would look like a home, or a key
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
