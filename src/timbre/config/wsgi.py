"""The WSGI application that `timbre web` serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "timbre.config.settings")
application = get_wsgi_application()
