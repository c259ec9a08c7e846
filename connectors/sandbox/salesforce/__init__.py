"""The Salesforce side of the sandbox: one org that answers REST, SOQL, collections and Bulk 2.0 queries."""

from connectors.sandbox.salesforce.errors import RefusedError
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.salesforce.settings import CustomField, OrgSettings, ValidationRule

__all__ = ["CustomField", "OrgSettings", "RefusedError", "SalesforceOrg", "ValidationRule"]
