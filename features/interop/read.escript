#!/usr/bin/env escript
%%! +S 1:1
-mode(compile).
%% Reads H.248 text with Erlang/OTP's megaco: read.escript FOLDER
%% For every file of FOLDER a line `name ok` or `name refused reason`, separated by tabs.

main([Folder]) ->
    {ok, Names} = file:list_dir(Folder),
    lists:foreach(fun(Name) -> one(Folder, Name) end, lists:sort(Names)).

one(Folder, Name) ->
    {ok, Octets} = file:read_file(filename:join(Folder, Name)),
    case catch megaco_pretty_text_encoder:decode_message([], dynamic, Octets) of
        {ok, _} -> io:format("~s\tok~n", [Name]);
        {_, Reason} -> io:format("~s\trefused\t~0p~n", [Name, Reason])
    end.
