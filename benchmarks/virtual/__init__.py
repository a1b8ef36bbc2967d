"""A forum that exists only as numbers, and crawls of it in virtual time: weeks of posting in seconds.

arrivals  → who posts when and where: hours of the week, heavy-tailed boards, threads in bursts
forum     → its lists and pages as a forum program would show them
adaptive  → the product's own policy, frontier and budget
uniform   → the baselines
optimum   → what no policy can beat
"""
