"""The centralised signature: the portal signs a proposed DTE with the person's certificate (XMLDSig, 3.1)."""

import hashlib
from functools import lru_cache

from timbre.simulator.authority import PersonKey, b64, sign_sha1
from timbre.simulator.building import DOCUMENT_ID, SII, TAIL

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
DSIG = "http://www.w3.org/2000/09/xmldsig#"


def sign(text: str, person: PersonKey) -> str:
    """The proposed text with its Signature before ``</DTE>``: valid under DTE_v10.xsd, verifiable alone."""
    opening = DOCUMENT_ID.search(text)
    assert opening
    root, reference = opening[1], opening[2]
    end = f"</{root}>"
    documento = text[opening.start() : text.index(end) + len(end)]
    # The proposal is written canonically, so in scope of its DTE it only lacks the inherited namespace.
    canonical = documento.replace(f"<{root} ", f'<{root} xmlns="{SII}" ', 1)
    digest = b64(hashlib.sha1(canonical.encode("utf-8")).digest())  # noqa: S324 - the SII's own algorithm
    signed_info = _signed_info(reference, digest)
    in_scope = signed_info.replace("<SignedInfo>", f'<SignedInfo xmlns="{DSIG}">', 1)
    value = wrap(b64(sign_sha1(person.key, in_scope.encode("utf-8"))))
    signature = (
        f'\n<Signature xmlns="{DSIG}">\n{signed_info}\n<SignatureValue>\n{value}\n</SignatureValue>\n'
        f"{_key_info(person)}\n</Signature>"
    )
    return text.removesuffix(TAIL) + signature + TAIL


def wrap(encoded: str) -> str:
    """Base64 in lines of 76, as the portal writes it."""
    return "\n".join(encoded[n : n + 76] for n in range(0, len(encoded), 76))


def _signed_info(reference: str, digest: str) -> str:
    return (
        "<SignedInfo>\n"
        f'<CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>\n'
        f'<SignatureMethod Algorithm="{DSIG}rsa-sha1"></SignatureMethod>\n'
        f'<Reference URI="#{reference}">\n'
        f'<Transforms>\n<Transform Algorithm="{C14N}"></Transform>\n</Transforms>\n'
        f'<DigestMethod Algorithm="{DSIG}sha1"></DigestMethod>\n'
        f"<DigestValue>{digest}</DigestValue>\n"
        "</Reference>\n"
        "</SignedInfo>"
    )


@lru_cache(maxsize=1024)
def _key_info(person: PersonKey) -> str:
    numbers = person.key.public_key().public_numbers()
    modulus = wrap(b64(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")))
    exponent = b64(numbers.e.to_bytes(3, "big"))
    return (
        "<KeyInfo>\n<KeyValue>\n<RSAKeyValue>\n"
        f"<Modulus>\n{modulus}\n</Modulus>\n<Exponent>{exponent}</Exponent>\n"
        "</RSAKeyValue>\n</KeyValue>\n"
        f"<X509Data>\n<X509Certificate>\n{wrap(b64(person.certificate))}\n</X509Certificate>\n</X509Data>\n"
        "</KeyInfo>"
    )
