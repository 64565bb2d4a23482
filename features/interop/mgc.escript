#!/usr/bin/env escript
%%! +S 1:1
%% The example MGC of Erlang/OTP's megaco, until standard input ends. It says `listening` when its ports (2944 and 2945) are
%% open, and then each gateway it has an association with.

main([]) ->
    true = code:add_patha(filename:join(code:lib_dir(megaco), "examples/simple")),
    {ok, _} = application:ensure_all_started(asn1),
    ok = application:start(megaco),
    {ok, Transports} = megaco_simple_mgc:start({deviceName, "controller"}, [], false, false),
    [ok = Started || {Started, _, _} <- Transports],
    io:format("listening~n"),
    Parent = self(),
    spawn(fun() -> io:get_line(""), Parent ! stop end),
    watch([]).

watch(Known) ->
    Users = megaco:system_info(users),
    Now = [C || User <- Users, C <- megaco:user_info(User, connections)],
    [io:format("associated ~0p~n", [megaco:conn_info(C, remote_mid)]) || C <- Now -- Known],
    receive stop -> ok after 50 -> watch(Now) end.
