"""The processes that the supervisor starts: crawl, engine, web, and the sample forum of a demo."""
