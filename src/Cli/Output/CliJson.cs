using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Winnow.Cli.Output;

/// <summary>How the tool writes JSON: snake_case, text as it is.</summary>
[JsonSerializable(typeof(TokensReport))]
[JsonSerializable(typeof(TeacherReport))]
[JsonSerializable(typeof(ComparisonReport))]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(EngineReport))]
[JsonSerializable(typeof(AcceptReport))]
[JsonSerializable(typeof(TokenizeReport))]
[JsonSerializable(typeof(ExactText))]
[JsonSerializable(typeof(InspectReport))]
[JsonSerializable(typeof(PlanReport))]
[JsonSerializable(typeof(DevicesReport))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>The context with an encoder that leaves non-ASCII text readable.</summary>
    public static CliJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
