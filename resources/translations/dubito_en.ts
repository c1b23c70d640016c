<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
<context>
    <name>dubito::app::Application</name>
    <message numerus="yes">
        <source>%n run(s) are still going.</source>
        <translation>
            <numerusform>%n run is still going.</numerusform>
            <numerusform>%n runs are still going.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::app::MainWindow</name>
    <message numerus="yes">
        <source>%n run(s) alive</source>
        <translation>
            <numerusform>%n run alive</numerusform>
            <numerusform>%n runs alive</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notice(s)</source>
        <translation>
            <numerusform>%n notice</numerusform>
            <numerusform>%n notices</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>, %n run(s)</source>
        <translation>
            <numerusform>, %n run</numerusform>
            <numerusform>, %n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::app::ProjectExplorer</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::app::QueueDialog</name>
    <message numerus="yes">
        <source>%n run(s) wait, the first to start on top.</source>
        <translation>
            <numerusform>%n run waits.</numerusform>
            <numerusform>%n runs wait, the first to start on top.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::app::RecentCard</name>
    <message numerus="yes">
        <source>%n running</source>
        <translation>
            <numerusform>%n running</numerusform>
            <numerusform>%n running</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n failed</numerusform>
            <numerusform>%n failed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::app::RunDialog</name>
    <message numerus="yes">
        <source>It uses at most %n thread(s)</source>
        <translation>
            <numerusform>It uses at most %n thread</numerusform>
            <numerusform>It uses at most %n threads</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::app::SystemCard</name>
    <message numerus="yes">
        <source>%n thing(s) to look at</source>
        <translation>
            <numerusform>%n thing to look at</numerusform>
            <numerusform>%n things to look at</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::chat::ChatPanel</name>
    <message numerus="yes">
        <source>%n turn(s)</source>
        <translation>
            <numerusform>%n turn</numerusform>
            <numerusform>%n turns</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::chat::TurnView</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::curves::CurvesPanel</name>
    <message numerus="yes">
        <source>%1 · %n run(s) · %2 points</source>
        <translation>
            <numerusform>%1 · %n run · %2 points</numerusform>
            <numerusform>%1 · %n runs · %2 points</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n metric(s)</source>
        <translation>
            <numerusform>%n metric</numerusform>
            <numerusform>%n metrics</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n run</numerusform>
            <numerusform>%n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::generic::RecordPanel</name>
    <message numerus="yes">
        <source>%n record(s)</source>
        <translation>
            <numerusform>%n record</numerusform>
            <numerusform>%n records</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::inspector::InspectorPanel</name>
    <message numerus="yes">
        <source>Text, answer shaded by doubt (1 − p of the token) · %n token(s) answered</source>
        <translation>
            <numerusform>Text, answer shaded by doubt (1 − p of the token) · %n token answered</numerusform>
            <numerusform>Text, answer shaded by doubt (1 − p of the token) · %n tokens answered</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::lmview::ModelPanel</name>
    <message numerus="yes">
        <source>%n cut(s) differ; pieces that end at one are shaded</source>
        <translation>
            <numerusform>%n cut differs; the piece that ends there is shaded</numerusform>
            <numerusform>%n cuts differ; pieces that end at one are shaded</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::lmview::TrainingPanel</name>
    <message numerus="yes">
        <source>%n checkpoint(s)</source>
        <translation>
            <numerusform>%n checkpoint</numerusform>
            <numerusform>%n checkpoints</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::log::LogPanel</name>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n line</numerusform>
            <numerusform>%n lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::runs::RunCard</name>
    <message numerus="yes">
        <source>and %n other run(s)</source>
        <translation>
            <numerusform>and %n other run</numerusform>
            <numerusform>and %n other runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::runs::RunsPanel</name>
    <message numerus="yes">
        <source>the first %n run(s)</source>
        <translation>
            <numerusform>the first run</numerusform>
            <numerusform>the first %n runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n run</numerusform>
            <numerusform>%n runs</numerusform>
        </translation>
    </message>
</context>
</TS>
