"""What writes the platform's words into files, inside the sandbox.

Owns nothing on the product side: these sources are data there and must never be imported by it.
"""
