"""Configured CRM accounts: connecting, describing, checking, changing settings."""
