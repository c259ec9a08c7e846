"""The one door out: CRM writes recorded first, sent once, and looked for before they are sent again."""
