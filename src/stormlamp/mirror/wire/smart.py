"""SMART Backend Services: the signed assertion by which a program says who it is, and the public key that a server checks it with.

Source: SMART App Launch 2.2, "Client Authentication: Asymmetric"; RFC 7515 (JWS), RFC 7517 (JWK), RFC 7523 (JWT bearer).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, TypeAlias

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from stormlamp.kernel.moments import SECOND, Moment

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SigningKey: TypeAlias = "ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey"
LASTS = 240  # seconds; a server refuses more than 300
_WIDTH = 48  # bytes of one half of an ES384 signature


def ec_key(seed: bytes) -> ec.EllipticCurvePrivateKey:
    """The P-384 key of a secret of at least 48 bytes: the same secret gives the same key."""
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973
    return ec.derive_private_key(int.from_bytes(seed, "big") % (order - 1) + 1, ec.SECP384R1())


def algorithm(key: SigningKey) -> str:
    """The name of the signature that a key makes."""
    return "RS384" if isinstance(key, rsa.RSAPrivateKey) else "ES384"


def public_jwk(key: SigningKey) -> dict[str, Any]:
    """The public half as a JWK, named by its RFC 7638 thumbprint."""
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        size = (numbers.n.bit_length() + 7) // 8
        must = {"e": _text(numbers.e.to_bytes(3, "big")), "kty": "RSA", "n": _text(numbers.n.to_bytes(size, "big"))}
    else:
        point = key.public_key().public_numbers()
        must = {
            "crv": "P-384",
            "kty": "EC",
            "x": _text(point.x.to_bytes(_WIDTH, "big")),
            "y": _text(point.y.to_bytes(_WIDTH, "big")),
        }
    thumbprint = sha256(json.dumps(must, separators=(",", ":"), sort_keys=True).encode()).digest()
    return {**must, "kid": _text(thumbprint), "alg": algorithm(key), "use": "sig", "key_ops": ["verify"]}


def assertion(key: SigningKey, *, client: str, audience: str, at: Moment, once: str) -> str:
    """The JWT that proves to the token endpoint `audience` who asks; `once` is never used twice."""
    head = {"alg": algorithm(key), "kid": public_jwk(key)["kid"], "typ": "JWT"}
    claims = {"iss": client, "sub": client, "aud": audience, "exp": at // SECOND + LASTS, "iat": at // SECOND, "jti": once}
    said = f"{_part(head)}.{_part(claims)}"
    return f"{said}.{_text(_signed(key, said.encode()))}"


def _signed(key: SigningKey, said: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(said, padding.PKCS1v15(), hashes.SHA384())
    r, s = decode_dss_signature(key.sign(said, ec.ECDSA(hashes.SHA384())))
    return r.to_bytes(_WIDTH, "big") + s.to_bytes(_WIDTH, "big")


def _part(value: Mapping[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
