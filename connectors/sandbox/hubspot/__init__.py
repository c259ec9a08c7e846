"""The sandbox's HubSpot portal, written from HubSpot's documentation and as strict as it describes the real one."""

from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN, OAuthApp, PortalSettings, RateLimits, RequiredProperty

__all__ = ["DEMO_TOKEN", "HubSpotPortal", "OAuthApp", "PortalSettings", "RateLimits", "RequiredProperty"]
