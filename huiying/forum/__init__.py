"""示例论坛: a small Discuz!-X-shaped forum of our own, to show 回应 at work and to try spiders on."""
