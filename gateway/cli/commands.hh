// The words a person types.  Each adds its subcommand; its callback stores the exit status.
#pragma once

#include <CLI/CLI.hpp>

namespace sekisho::cli {

void add_breaker(CLI::App &app, int &exit_status);
void add_check(CLI::App &app, int &exit_status);
void add_fmt(CLI::App &app, int &exit_status);
void add_explain(CLI::App &app, int &exit_status);
void add_prove(CLI::App &app, int &exit_status);
void add_replay(CLI::App &app, int &exit_status);
void add_sanitize(CLI::App &app, int &exit_status);
void add_status(CLI::App &app, int &exit_status);
void add_trace(CLI::App &app, int &exit_status);
void add_queue(CLI::App &app, int &exit_status);
void add_hold(CLI::App &app, int &exit_status);
void add_apply(CLI::App &app, int &exit_status);
void add_flows(CLI::App &app, int &exit_status);
void add_top(CLI::App &app, int &exit_status);
void add_devices(CLI::App &app, int &exit_status);
void add_evidence(CLI::App &app, int &exit_status);
void add_reload(CLI::App &app, int &exit_status);
void add_sever(CLI::App &app, int &exit_status); // sever and join
void add_record(CLI::App &app, int &exit_status);
void add_reasons(CLI::App &app, int &exit_status);

} // namespace sekisho::cli
