"""The file of a bundle: a short header in the clear, then chunks that only the addressees open and only the sender can have made.

The magic line; four bytes with the length of the header (big-endian, as all numbers here); the header in JSON; the sender's Ed25519
signature (64 bytes) over all this. The header says the hospital's id, the sender's name, and for each addressee the first eight
bytes of the SHA-256 of its X25519 key, and the file's key sealed by HPKE in base mode (RFC 9180: DHKEM(X25519, HKDF-SHA256),
HKDF-SHA256, ChaCha20-Poly1305). No name of a person.

The chunks are the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance, CRYPTO 2015), with the nonces of age (https://age-encryption.org/v1): eleven bytes that count, and one that is 1
for the last chunk. Each is four bytes of length and a ChaCha20-Poly1305 box under HKDF-SHA256(file key, salt: SHA-256 of all before
the chunks). In the box lies the sender's signature, over the header's hash, the nonce and the message's hash, and then the message:
other addressees, who have the file's key too, can put nothing in its place.
"""

import hashlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from stormlamp.kernel.refusals import Refusal, Trouble
from stormlamp.nodes.rules.bundles import BundleChanged, BundleCutOff, BundleForAnother, BundleNewer, FileTaken, NoBundle

MAGIC = b"stormlamp-bundle\n"
VERSION = 1
LARGEST_HEADER, LARGEST_MESSAGE = 16 << 10, 512 << 20
_SIGNATURE, _TAG, _LENGTH, _KEY_ID = 64, 16, 4, 8
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class Addressee(msgspec.Struct, frozen=True):
    """Who can open it: the beginning of the SHA-256 of a key (hex), and the file's key sealed with it."""

    key: str
    sealed: bytes


class Header(msgspec.Struct, frozen=True):
    """What stands in the clear: the hospital's id, the name of the node that made it, and for which keys."""

    version: int
    hospital: str
    sender: str
    to: list[Addressee]


class _Version(msgspec.Struct, frozen=True):
    version: int


def key_id(public_key: X25519PublicKey) -> str:
    """What a header calls a key."""
    return hashlib.sha256(public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[: 2 * _KEY_ID]


class Writer:
    """Makes a bundle, a chunk for each message. The file gets its name when it is durable and whole; Trouble if the disk fails."""

    def __init__(
        self, path: Path, *, hospital: str, sender: str, signing: Ed25519PrivateKey, to: Sequence[X25519PublicKey]
    ) -> None:
        self.path, self._draft = path, path.with_name(path.name + ".part")
        key, purpose = secrets.token_bytes(32), _purpose(hospital, sender)
        told = [Addressee(key_id(one), _SUITE.encrypt(key, one, info=purpose)) for one in to]
        self._head = _framed(msgspec.json.encode(Header(VERSION, hospital, sender, told)))
        self._head += signing.sign(b"stormlamp-bundle-header/1\n" + self._head)
        self._signing, self._box, self._seal = signing, _box(key, self._head), hashlib.sha256(self._head).digest()
        self._count, self.size = 0, 0
        self._held: bytes | None = None

    def __enter__(self) -> "Writer":
        _demand_free(self.path, self._head)
        try:
            self._file = self._draft.open("wb")
            self._file.write(self._head)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        return self

    def write(self, message: bytes) -> None:
        """Add a message. Trouble when the disk fails."""
        if len(message) > LARGEST_MESSAGE:
            raise Trouble(f"an entry of {len(message)} bytes does not fit into a bundle", hint="bring it over the network")
        if self._held is not None:
            self._put(self._held, last=False)
        self._held = message

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            self._file.close()
            self._draft.unlink(missing_ok=True)
            return
        try:
            self._put(self._held or b"", last=True)
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())
                self.size = self._file.tell()
            self._draft.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as failed:
            raise _unwritable(self.path, failed) from failed

    def _put(self, message: bytes, *, last: bool) -> None:
        nonce = _nonce(self._count, last=last)
        signature = self._signing.sign(_chunk_text(self._seal, nonce, message))
        sealed = self._box.encrypt(nonce, signature + message, None)
        self._count += 1
        try:
            self._file.write(len(sealed).to_bytes(_LENGTH))
            self._file.write(sealed)
        except OSError as error:
            raise _unwritable(self.path, error) from error


class Reader:
    """Reads a bundle of any size, a chunk at a time. Whatever is wrong with it is a refusal; Trouble when the disk fails."""

    def __init__(self, path: Path) -> None:
        self.path, self.at = path, 0
        try:
            self._file: BinaryIO = open(path, "rb", opener=_opened_plain)  # noqa: SIM115 - closed in __exit__
            self.size = os.fstat(self._file.fileno()).st_size
        except OSError as error:
            raise Trouble(f"{path} cannot be read: {error}", hint="is the stick in, and is this the file's name?") from error
        try:
            self.header, self._head = self._read_header()
        except (Refusal, Trouble):
            self._file.close()
            raise

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def messages(self, sender: bytes, keys: Sequence[X25519PrivateKey]) -> Iterator[bytes]:
        """The messages, each proven to be the sender's (Ed25519, 32 bytes), for who has one of these keys."""
        key = self._key_for(sender, keys)
        box, seal, signer = _box(key, self._head), hashlib.sha256(self._head).digest(), Ed25519PublicKey.from_public_bytes(sender)
        count, last = 0, False
        while not last:
            sealed = self._chunk()
            last = self.at == self.size
            nonce = _nonce(count, last=last)
            try:
                plain = box.decrypt(nonce, sealed, None)
                message = plain[_SIGNATURE:]
                signer.verify(plain[:_SIGNATURE], _chunk_text(seal, nonce, message))
            except (InvalidTag, InvalidSignature) as error:
                if last and _opens(box, _nonce(count, last=False), sealed):
                    raise BundleCutOff(file=self.path.name) from error
                raise BundleChanged(file=self.path.name) from error
            count += 1
            yield message

    def _key_for(self, sender: bytes, keys: Sequence[X25519PrivateKey]) -> bytes:
        signed, signature = self._head[:-_SIGNATURE], self._head[-_SIGNATURE:]
        try:
            Ed25519PublicKey.from_public_bytes(sender).verify(signature, b"stormlamp-bundle-header/1\n" + signed)
            mine = {key_id(one.public_key()): one for one in keys}
            for told in self.header.to:
                if told.key in mine:
                    return _SUITE.decrypt(told.sealed, mine[told.key], info=_purpose(self.header.hospital, self.header.sender))
        except (InvalidSignature, InvalidTag) as error:
            raise BundleChanged(file=self.path.name) from error
        raise BundleForAnother(file=self.path.name)

    def _read_header(self) -> tuple[Header, bytes]:
        begin = self._exactly(min(self.size, len(MAGIC) + _LENGTH))
        if not begin.startswith(MAGIC):
            raise BundleCutOff(file=self.path.name) if begin and MAGIC.startswith(begin) else NoBundle(file=self.path.name)
        if len(begin) < len(MAGIC) + _LENGTH:
            raise BundleCutOff(file=self.path.name)
        size = int.from_bytes(begin[len(MAGIC) :])
        if size > LARGEST_HEADER:
            raise BundleChanged(file=self.path.name)
        raw = self._exactly(size)
        try:
            if msgspec.json.decode(raw, type=_Version).version > VERSION:
                raise BundleNewer(file=self.path.name)
            return msgspec.json.decode(raw, type=Header), begin + raw + self._exactly(_SIGNATURE)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BundleChanged(file=self.path.name) from error

    def _chunk(self) -> bytes:
        size = int.from_bytes(self._exactly(_LENGTH))
        if not _SIGNATURE + _TAG <= size <= LARGEST_MESSAGE + _SIGNATURE + _TAG:
            raise BundleChanged(file=self.path.name)
        return self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        """So many bytes; what the file does not hold is not made room for."""
        if size > self.size - self.at:
            raise BundleCutOff(file=self.path.name)
        try:
            found = self._file.read(size)
        except OSError as error:
            raise Trouble(f"{self.path} cannot be read: {error}", hint="try another stick; what was read so far is kept") from error
        if len(found) < size:
            raise BundleCutOff(file=self.path.name)
        self.at += size
        return found


def _purpose(hospital: str, sender: str) -> bytes:
    return f"stormlamp-bundle/1\n{hospital}\n{sender}\n".encode()


def _framed(header: bytes) -> bytes:
    return MAGIC + len(header).to_bytes(_LENGTH) + header


def _box(key: bytes, head: bytes) -> ChaCha20Poly1305:
    salt = hashlib.sha256(head).digest()
    return ChaCha20Poly1305(HKDF(hashes.SHA256(), 32, salt=salt, info=b"stormlamp-bundle/chunks").derive(key))


def _nonce(count: int, *, last: bool) -> bytes:
    return count.to_bytes(11) + bytes([last])


def _chunk_text(seal: bytes, nonce: bytes, message: bytes) -> bytes:
    return b"stormlamp-bundle-chunk/1\n" + seal + nonce + hashlib.sha256(message).digest()


def _opens(box: ChaCha20Poly1305, nonce: bytes, sealed: bytes) -> bool:
    try:
        box.decrypt(nonce, sealed, None)
    except InvalidTag:
        return False
    return True


def _opened_plain(path: str, flags: int) -> int:
    """Only a file is opened: a pipe or a device could keep a reader for ever."""
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("it is no file")
    return descriptor


def _demand_free(path: Path, head: bytes) -> None:
    """What lies in a file is not written over, unless it is an older bundle of this node for the same addressees."""
    if not path.exists():
        return
    with Reader(path) as older:
        mine = msgspec.json.decode(head[len(MAGIC) + _LENGTH : -_SIGNATURE], type=Header)
        same = (older.header.hospital, older.header.sender) == (mine.hospital, mine.sender)
        if not same or [one.key for one in older.header.to] != [one.key for one in mine.to]:
            raise FileTaken(file=path.name)


def _unwritable(path: Path, error: OSError) -> Trouble:
    return Trouble(f"{path} cannot be written: {error}", hint="is the stick in, not full, and not read-only?", retry=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
