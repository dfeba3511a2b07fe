using System.Text.Json;
using Winnow.Cli.Output;
using Winnow.Inference.Files;

namespace Winnow.Cli.Tests.Output;

/// <summary>Metadata in JSON: every type, long arrays by their length, nothing that JSON cannot hold.</summary>
public sealed class MetadataReportTests
{
    public static TheoryData<object, string> Scalars => new()
    {
        { "a\"b", "\"a\\u0022b\"" },
        { true, "true" },
        { (byte)255, "255" },
        { (sbyte)-1, "-1" },
        { ulong.MaxValue, "18446744073709551615" },
        { long.MinValue, "-9223372036854775808" },
        { 0.1f, "0.1" },
        { 1e300, "1E+300" },
        { float.NaN, "\"NaN\"" },
        { double.NegativeInfinity, "\"-Infinity\"" },
    };

    [Theory]
    [MemberData(nameof(Scalars))]
    public void From_Scalar_IsThatValue(object value, string expected)
    {
        var report = MetadataReport.From(new GgufValue(GgufValueType.String, null, value));

        Assert.Equal(expected, report.Value!.ToJsonString());
        Assert.Null(report.Length);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public void From_Array_HasItsLengthAndItsValueOnlyWhenShort(int length, bool whole)
    {
        var report = MetadataReport.From(new GgufValue(GgufValueType.Array, GgufValueType.Float32, Enumerable.Repeat(float.NaN, length).ToArray()));

        Assert.Equal(("Array of Float32", length), (report.Type, report.Length));
        Assert.Equal(whole ? length : null, report.Value?.AsArray().Count);
        Assert.Equal(whole ? JsonSerializer.Serialize(Enumerable.Repeat("NaN", length)) : "[17 elements]", report.ForPeople());
    }
}
