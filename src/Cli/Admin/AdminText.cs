using System.Globalization;
using System.Text.Json.Nodes;
using Winnow.Cli.Output;

namespace Winnow.Cli.Admin;

/// <summary>Writes what the operator's endpoints answer for people. Texts come from elsewhere, so nothing in them reaches the terminal as a command.</summary>
internal static class AdminText
{
    private const double GiB = 1L << 30;
    private const int LongestText = 400;

    /// <summary>Models with their replicas, where they are and how far.</summary>
    public static void WriteModels(TextWriter output, JsonNode list)
    {
        foreach (JsonNode? model in list["data"]!.AsArray())
        {
            WriteModel(output, model!);
        }
    }

    /// <summary>One model.</summary>
    public static void WriteModel(TextWriter output, JsonNode model)
    {
        output.WriteLine($"{Text(model["id"]),-32} {Text(model["phase"]),-20} {Text(model["detail"])}");
        foreach (JsonNode? replica in model["replicas"]?.AsArray() ?? [])
        {
            string shards = string.Join(", ", replica!["shards"]!.AsArray().Select(shard =>
                $"{Text(shard!["worker"])} [{Text(shard["first_layer"])}, {Text(shard["last_layer"])})"));
            string draft = replica["draft"] is { } placed ? $"; draft on {Text(placed["worker"])}" : "";
            string progress = (replica["progress"]?.GetValue<double>() ?? 0).ToString("0 %", CultureInfo.InvariantCulture);
            output.WriteLine($"  replica {Text(replica["index"])}: {Text(replica["phase"])}, {progress} loaded, epoch {Text(replica["epoch"])}; {(shards.Length > 0 ? shards : "nowhere yet")}{draft}");
        }
    }

    /// <summary>A model that is being unloaded.</summary>
    public static void WriteUnloading(TextWriter output, JsonNode model) => output.WriteLine($"{Text(model["id"])} is being unloaded.");

    /// <summary>Workers with what they have and hold.</summary>
    public static void WriteWorkers(TextWriter output, JsonNode list)
    {
        foreach (JsonNode? worker in list["data"]!.AsArray())
        {
            WriteWorker(output, worker!);
        }
    }

    /// <summary>One worker.</summary>
    public static void WriteWorker(TextWriter output, JsonNode worker)
    {
        string held = string.Join(", ", worker["shards"]!.AsArray().Select(shard =>
            shard!["index"]!.GetValue<int>() < 0 ? $"{Text(shard["replica"])} draft" : $"{Text(shard["replica"])} shard {Text(shard["index"])}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Text(worker["id"]),-24} {Text(worker["health"]),-9} {Bytes(worker["memory_used_bytes"]):0.0} of {Bytes(worker["memory_bytes"]):0.0} GiB; {Text(worker["device"])}; {(held.Length > 0 ? held : "spare")}"));
    }

    private static double Bytes(JsonNode? node) => (node?.GetValue<long>() ?? 0) / GiB;

    private static string Text(JsonNode? node) => TerminalText.OneLine(node?.ToString() ?? "", LongestText);
}
