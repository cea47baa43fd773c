# Every target sets up what it needs first, and is quick when that is already there.
.DEFAULT_GOAL := help
.PHONY: help demo test lint bench lock stop

help: ## 列出可用命令
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: ## 准备环境、载入演示数据并启动系统（Ctrl-C 结束；端口用 PORT=8000 指定）
	@scripts/setup.sh demo
	@exec .venv/bin/python scripts/run_demo.py

test: ## 准备环境，检查代码并运行全部测试
	@scripts/setup.sh test
	@scripts/lint.sh
	@scripts/test.sh

lint: ## 只检查代码：格式、常见错误、模板、各应用的导入方向、迁移是否齐全
	@scripts/setup.sh demo
	@scripts/lint.sh

bench: ## 运行 bench/ 中的全部性能测量，未达目标即失败（百万户，需十几分钟）
	@scripts/setup.sh demo
	@scripts/bench.sh

lock: ## 由 requirements*.in 重新生成依赖锁定文件（UPGRADE=1 升级到最新版）
	@scripts/lock.sh $(if $(UPGRADE),--upgrade)

stop: ## 停止演示系统和内置的 PostgreSQL、Valkey
	@scripts/stop.sh
