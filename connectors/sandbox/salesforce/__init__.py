"""The Salesforce side of the sandbox: one org that answers REST, SOQL, collections and Bulk 2.0 queries."""
