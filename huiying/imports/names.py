"""Names of columns as 12345 hotlines, mailboxes and message boards export them."""

from __future__ import annotations

from collections.abc import Mapping

#: field → column names, the more telling first; where a row has several, the first filled one counts.
#: `unused` is known and not stored: telephone numbers, addresses, votes.
NAMES: Mapping[str, tuple[str, ...]] = {
    "id": (
        "工单编号", "留言编号", "工单号", "受理编号", "诉求编号", "信件编号", "帖子编号", "流水号", "编号", "id", "pid",
        "tid",
    ),
    "title": (
        "标题", "主题", "留言主题", "留言标题", "工单标题", "诉求标题", "信件标题", "帖子标题", "来电主题", "事项标题",
        "title", "subject",
    ),
    "body": (
        "内容", "详情", "留言详情", "留言内容", "诉求内容", "诉求详情", "来电内容", "工单内容", "信件内容", "问题描述",
        "事件描述", "正文", "帖子内容", "反映内容", "主要内容", "body", "content", "text",
    ),
    "posted_at": (
        "来电时间", "留言时间", "发布时间", "发帖时间", "提交时间", "受理时间", "来信时间", "诉求时间", "登记时间",
        "创建时间", "工单创建时间", "时间", "日期", "posted_at", "created_at", "time", "date",
    ),
    "answer": (
        "答复意见", "答复内容", "回复内容", "官方回复", "回复意见", "办理结果", "答复", "回复", "answer", "reply",
    ),
    "answered_at": (
        "答复时间", "回复时间", "答复日期", "回复日期", "办结时间", "answered_at", "replied_at",
    ),
    "unit": (
        "答复单位", "回复单位", "承办单位", "主办单位", "办理单位", "责任单位", "处理单位", "承办部门", "责任部门",
        "unit", "department",
    ),
    "author": (
        "留言用户", "留言人", "来电人", "网友", "用户", "用户名", "发帖人", "作者", "姓名", "诉求人", "来信人",
        "author", "user", "uid",
    ),
    "board": (
        "版块", "板块", "栏目", "类别", "分类", "诉求类型", "工单类型", "一级分类", "一级标签", "board", "category",
    ),
    "area": (
        "区域", "所属区域", "镇街", "街道", "乡镇", "事发地", "事发地点", "地点", "area",
    ),
    "views": (
        "浏览量", "阅读量", "点击量", "浏览数", "views",
    ),
    "replies": (
        "跟帖数", "评论数", "回帖数", "replies",
    ),
    "url": (
        "链接", "网址", "原文链接", "url", "link",
    ),
    "unused": (
        "联系电话", "来电号码", "电话", "手机", "手机号", "身份证号", "地址", "点赞数", "反对数", "支持数", "序号",
        "event", "likes",
    ),
}  # fmt: skip
