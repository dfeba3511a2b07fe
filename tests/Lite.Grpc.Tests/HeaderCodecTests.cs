using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;
using Grpc.Protocol;

namespace Winnow.Lite.Grpc.Tests;

public sealed class HeaderCodecTests
{
    [Fact]
    public void PercentEncoding_AnyText_ComesBackFromPrintableAscii()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), text =>
        {
            string valid = string.Concat(text.Get.Where(character => !char.IsSurrogate(character)));
            string encoded = PercentEncoding.Encode(valid);
            return encoded.All(character => character is >= ' ' and <= '~') && PercentEncoding.Decode(encoded) == valid;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("100%", "100%")]
    [InlineData("%4", "%4")]
    [InlineData("%zz", "%zz")]
    [InlineData("%41%42", "AB")]
    [InlineData("%c3%B6", "ö")]
    public void PercentDecoding_InvalidEscapes_StandForThemselves(string header, string text) =>
        Assert.Equal(text, PercentEncoding.Decode(header));

    [Fact]
    public void BinaryHeader_AnyBytes_ComeBack()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            string encoded = BinaryHeader.Encode(bytes);
            return !encoded.Contains('=') && BinaryHeader.TryDecode(encoded, out byte[] decoded) && decoded.SequenceEqual(bytes);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("AQ==", true)]
    [InlineData("AQ", true)]
    [InlineData("A", false)]
    [InlineData("*", false)]
    public void BinaryHeader_PaddedOrNot_IsRead(string header, bool valid) =>
        Assert.Equal(valid, BinaryHeader.TryDecode(header, out _));

    [Theory]
    [InlineData("1H", 3_600_000_000)]
    [InlineData("2M", 120_000_000)]
    [InlineData("3S", 3_000_000)]
    [InlineData("4m", 4_000)]
    [InlineData("5u", 5)]
    [InlineData("6000n", 6)]
    public void TimeoutHeader_EveryUnit_IsRead(string header, long microseconds)
    {
        Assert.True(TimeoutHeader.TryParse(header, out TimeSpan timeout));
        Assert.Equal(microseconds, (long)timeout.TotalMicroseconds);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("10")]
    [InlineData("-1S")]
    [InlineData("+1S")]
    [InlineData("1 S")]
    [InlineData("1x")]
    [InlineData("123456789S")]
    public void TimeoutHeader_NotOfTheProtocol_IsRefused(string? header) => Assert.False(TimeoutHeader.TryParse(header, out _));

    [Fact]
    public void TimeoutHeader_MostHours_IsTheLongestTimeSpan()
    {
        Assert.True(TimeoutHeader.TryParse("99999999H", out TimeSpan timeout));
        Assert.True(timeout > TimeSpan.FromDays(4_000_000));
    }

    [Fact]
    public void TimeoutHeader_AnySpan_ComesBackNotShorterAndNearlyEqual()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<NonNegativeInt>(), ArbMap.Default.ArbFor<NonNegativeInt>(), (a, b) =>
        {
            TimeSpan timeout = TimeSpan.FromTicks((long)a.Get * b.Get * 977);
            string header = TimeoutHeader.Format(timeout);
            return header.Length <= 9
                && TimeoutHeader.TryParse(header, out TimeSpan read)
                && read >= timeout
                && read - timeout <= TimeSpan.FromTicks(Math.Max(10, timeout.Ticks / 50_000));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void MetadataReader_SeveralBinaryValues_AreSeparateEntries()
    {
        var metadata = new Metadata();

        MetadataReader.Add(metadata, "x-bin", "AQ,Ag==, Aw");

        Assert.Equal([[1], [2], [3]], metadata.GetAll("x-bin").Select(entry => entry.ValueBytes));
    }

    [Theory]
    [InlineData("grpc-status", "0")]
    [InlineData(":path", "/")]
    [InlineData("bad key", "x")]
    [InlineData("x-bin", "***")]
    public void MetadataReader_NotMetadata_IsLeftOut(string name, string value)
    {
        var metadata = new Metadata();

        MetadataReader.Add(metadata, name, value);

        Assert.Empty(metadata);
    }

    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("Application/gRPC; charset=utf-8", true)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/json", false)]
    [InlineData(null, false)]
    public void ContentType_OfGrpc_IsKnown(string? contentType, bool known) =>
        Assert.Equal(known, GrpcHeaders.IsGrpcContentType(contentType));
}
