"""On paper, pure: a signed DTE drawn as the law wants it printed."""
