"""The control plane: who exists, who may do what, and what decides.

Owns directory, mandates and rule sets of one organisation, and vouches for them to cells. Must
never hold content of sessions, and never import its siblings agent, integration or execution.
"""
