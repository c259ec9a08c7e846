"""CRM protocols: what each CRM's words mean, and how to ask and tell it. No database, queue or web framework."""
