"""Webhooks: taken in durably at the door, worked on afterwards."""
