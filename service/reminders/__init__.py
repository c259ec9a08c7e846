"""Follow-up plans become reminders, and reminders become CRM tasks: once each, and kept true as deals change."""
