"""Telling: endpoints, events, deliveries, signatures, and the guard on where a delivery may go."""
