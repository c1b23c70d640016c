<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
<context>
    <name>Actions</name>
    <message numerus="yes">
        <source>New name of %n run(s); numbers from 1 are put behind it:</source>
        <translation>
            <numerusform>New name of the run:</numerusform>
            <numerusform>New name of %n runs; numbers from 1 are put behind it:</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) moved to the bin; Undo brings them back.</source>
        <translation>
            <numerusform>%n run moved to the bin; Undo brings it back.</numerusform>
            <numerusform>%n runs moved to the bin; Undo brings them back.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) are still going.</source>
        <translation>
            <numerusform>%n run is still going.</numerusform>
            <numerusform>%n runs are still going.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Tags of %n run(s), with commas between them:</source>
        <translation>
            <numerusform>Tags of the run, with commas between them:</numerusform>
            <numerusform>Tags of %n runs, with commas between them:</numerusform>
        </translation>
    </message>
</context>
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
    <name>dubito::app::ExportDialog</name>
    <message numerus="yes">
        <source>all %n figures</source>
        <translation>
            <numerusform>the figure</numerusform>
            <numerusform>all %n figures</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n of these files are there already.</source>
        <translation>
            <numerusform>%n of these files is there already.</numerusform>
            <numerusform>%n of these files are there already.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n figures exported, the first to %1</source>
        <translation>
            <numerusform>%n figure exported to %1</numerusform>
            <numerusform>%n figures exported, the first to %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::app::MainWindow</name>
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
    <name>dubito::app::Progress</name>
    <message numerus="yes">
        <source>%n running</source>
        <translation>
            <numerusform>%n running</numerusform>
            <numerusform>%n running</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n paused</source>
        <translation>
            <numerusform>%n paused</numerusform>
            <numerusform>%n paused</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n waiting for you</source>
        <translation>
            <numerusform>%n waiting for you</numerusform>
            <numerusform>%n waiting for you</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n queued</source>
        <translation>
            <numerusform>%n queued</numerusform>
            <numerusform>%n queued</numerusform>
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
    <message numerus="yes">
        <source>%n run(s): one of every combination of values and seeds</source>
        <translation>
            <numerusform>%n run: one of every combination of values and seeds</numerusform>
            <numerusform>%n runs: one of every combination of values and seeds</numerusform>
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
    <message numerus="yes">
        <source>%n plugin(s), all healthy</source>
        <translation>
            <numerusform>%n plugin, all healthy</numerusform>
            <numerusform>%n plugins, all healthy</numerusform>
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
    <name>dubito::chat::TokenCard</name>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
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
    <message numerus="yes">
        <source>Answer of %n token(s); arrow keys walk them</source>
        <translation>
            <numerusform>Answer of %n token; arrow keys walk it</numerusform>
            <numerusform>Answer of %n tokens; arrow keys walk them</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::curves::ChartCard</name>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n run</numerusform>
            <numerusform>%n runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>median of %n run(s)</source>
        <translation>
            <numerusform>median of %n run</numerusform>
            <numerusform>median of %n runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>median of %n run(s), bands 25–75 and 5–95 %</source>
        <translation>
            <numerusform>median of %n run, bands 25–75 and 5–95 %</numerusform>
            <numerusform>median of %n runs, bands 25–75 and 5–95 %</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) as lines</source>
        <translation>
            <numerusform>%n run as lines</numerusform>
            <numerusform>%n runs as lines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n configuration(s)</source>
        <translation>
            <numerusform>%n configuration</numerusform>
            <numerusform>%n configurations</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::curves::CurvesPanel</name>
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
    <message numerus="yes">
        <source>%n configuration(s)</source>
        <translation>
            <numerusform>%n configuration</numerusform>
            <numerusform>%n configurations</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::curves::MetricTree</name>
    <message numerus="yes">
        <source>All %n metric(s)</source>
        <translation>
            <numerusform>The metric</numerusform>
            <numerusform>All %n metrics</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more: filter</source>
        <translation>
            <numerusform>%n more: filter</numerusform>
            <numerusform>%n more: filter</numerusform>
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
    <message numerus="yes">
        <source>the first %n record(s)</source>
        <translation>
            <numerusform>the first %n record</numerusform>
            <numerusform>the first %n records</numerusform>
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
    <name>dubito::inspector::LayerMap</name>
    <message numerus="yes">
        <source>◀ %n earlier token(s)</source>
        <translation>
            <numerusform>◀ %n earlier token</numerusform>
            <numerusform>◀ %n earlier tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n later token(s) ▶</source>
        <translation>
            <numerusform>%n later token ▶</numerusform>
            <numerusform>%n later tokens ▶</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::kit::PlotOverlay</name>
    <message numerus="yes">
        <source>%n more in the legend</source>
        <translation>
            <numerusform>%n more in the legend</numerusform>
            <numerusform>%n more in the legend</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::lmview::DataPanel</name>
    <message numerus="yes">
        <source>%n token(s) are learned</source>
        <translation>
            <numerusform>%n token is learned</numerusform>
            <numerusform>%n tokens are learned</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n example(s) of your own</source>
        <translation>
            <numerusform>%n example of your own</numerusform>
            <numerusform>%n examples of your own</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::lmview::Figures</name>
    <message numerus="yes">
        <source>%1: last %2, %n point(s)</source>
        <translation>
            <numerusform>%1: last %2, %n point</numerusform>
            <numerusform>%1: last %2, %n points</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dubito::lmview::ItemsPanel</name>
    <message numerus="yes">
        <source>%1, %n held out</source>
        <translation>
            <numerusform>%1, %n held out</numerusform>
            <numerusform>%1, %n held out</numerusform>
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
    <name>dubito::lmview::TaughtPanel</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
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
    <name>dubito::runs::RunsModel</name>
    <message numerus="yes">
        <source>%n seed(s)</source>
        <translation>
            <numerusform>%n seed</numerusform>
            <numerusform>%n seeds</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n seed(s) done</source>
        <translation>
            <numerusform>%1 of %n seed done</numerusform>
            <numerusform>%1 of %n seeds done</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>, %n failed</source>
        <translation>
            <numerusform>, %n failed</numerusform>
            <numerusform>, %n failed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Mean of %n seed(s) that are done; the newest run of each.</source>
        <translation>
            <numerusform>Mean of %n seed that is done; the newest run of each.</numerusform>
            <numerusform>Mean of %n seeds that are done; the newest run of each.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>95 % interval by Student&apos;s t over %n seed(s)</source>
        <translation>
            <numerusform>95 % interval by Student&apos;s t over %n seed</numerusform>
            <numerusform>95 % interval by Student&apos;s t over %n seeds</numerusform>
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
    <message numerus="yes">
        <source>%n row(s) copied</source>
        <translation>
            <numerusform>%n row copied</numerusform>
            <numerusform>%n rows copied</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n helper session(s)</source>
        <translation>
            <numerusform>%n helper session</numerusform>
            <numerusform>%n helper sessions</numerusform>
        </translation>
    </message>
</context>
</TS>
