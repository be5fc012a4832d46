"""Turns Tenants into namespaces, credentials, databases and Deployments, and keeps them so."""
