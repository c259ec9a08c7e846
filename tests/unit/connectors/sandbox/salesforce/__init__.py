"""The sandbox's Salesforce org, asked over real HTTP."""
