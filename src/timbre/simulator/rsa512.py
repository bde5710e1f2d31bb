"""512-bit RSA keys with public exponent 3, the kind every CAF carries (protocol notes 2.1).

``cryptography`` signs with such keys but refuses to generate them, so the two primes are found here.
"""

import secrets

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)

_EXPONENT = 3
_SMALL_PRIMES = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)


def generate_key() -> RSAPrivateKey:
    """A fresh 512-bit key with e = 3: good enough to stamp with, far too short to protect anything."""
    p, q = _prime(), _prime()
    while p == q:
        q = _prime()
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    numbers = RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa_crt_dmp1(d, p),
        dmq1=rsa_crt_dmq1(d, q),
        iqmp=rsa_crt_iqmp(p, q),
        public_numbers=RSAPublicNumbers(_EXPONENT, p * q),
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def _prime() -> int:
    # The two top bits make the product exactly 512 bits long; p = 2 (mod 3) makes 3 invertible.
    while True:
        candidate = secrets.randbits(256) | (3 << 254) | 1
        if candidate % 3 == 2 and _is_prime(candidate):
            return candidate


def _is_prime(candidate: int) -> bool:
    """Miller-Rabin, 24 random rounds."""
    if any(candidate % prime == 0 for prime in _SMALL_PRIMES):
        return False
    odd, twos = candidate - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(candidate, 2 + secrets.randbelow(candidate - 3), odd, twos) for _ in range(24))


def _passes(candidate: int, witness: int, odd: int, twos: int) -> bool:
    value = pow(witness, odd, candidate)
    if value in (1, candidate - 1):
        return True
    for _ in range(twos - 1):
        value = value * value % candidate
        if value == candidate - 1:
            return True
    return False
