"""The editable documents as a service: draft, preview, publish, versions and rollback."""
