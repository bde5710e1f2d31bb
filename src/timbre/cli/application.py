"""What granian's own child process serves; it dies with granian."""

import gc
import multiprocessing

from django.urls import get_resolver

from timbre.cli.lifeline import die_with
from timbre.config.wsgi import application as application

parent = multiprocessing.parent_process()
if parent is not None and parent.pid is not None:
    die_with(parent.pid)

get_resolver().url_patterns  # noqa: B018 - loads every view now, not at the first request
gc.collect()
gc.freeze()
"""What is loaded stays: to look it over again while a batch is accepted costs a fifth of its time."""
