"""E-mails leave on a thread of their own: a mail server that hangs or refuses holds up nobody.

Call it after the transaction that the letter tells of, never within.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import EmailMessage

log = structlog.get_logger()
postman = ThreadPoolExecutor(1, thread_name_prefix="letters")


def goes_by_mail() -> bool:
    """Whether letters leave at all: without a mail server they are files that an operator reads."""
    return not settings.EMAIL_BACKEND.endswith("PrivateFiles")


def send(to: str, subject: str, text: str) -> Future[None]:
    """Done when the letter has left, or has failed to; the failure is the operator's to see."""
    return postman.submit(_deliver, EmailMessage(subject, text, to=[to]))


def _deliver(letter: EmailMessage) -> None:
    try:
        letter.send()
    except (SMTPException, OSError) as error:
        log.warning("letter_not_sent", subject=letter.subject, error=str(error)[:200])
