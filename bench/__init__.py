"""How fast Talenta is; each figure beside a floor of the same servers in the same run (docs/performance.md).

Not a part of what is shipped: nothing in services/, shared/ or deploy/ knows of it.
"""
