"""Where e-mail goes on an installation without a mail server: files that only their user can read."""

import os

from django.core.mail.backends.filebased import EmailBackend


class PrivateFiles(EmailBackend):
    """Django's own, one file of mode 0600 per connection: a message may hold a link that opens an account."""

    def open(self) -> bool:
        if self.stream is not None:
            return False
        flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY
        self.stream = os.fdopen(os.open(self._get_filename(), flags, 0o600), "ab")
        return True
