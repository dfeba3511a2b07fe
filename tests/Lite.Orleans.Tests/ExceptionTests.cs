using Orleans;
using Orleans.Serialization;
using Orleans.Storage;

namespace Winnow.LiteTests;

public sealed class ExceptionTests
{
    [Fact]
    public void OfTheFramework_IsMadeAgain()
    {
        Exception thrown = Thrown(new ArgumentOutOfRangeException("size", 5, "too large"));

        var back = (ArgumentOutOfRangeException)Sent(thrown);

        Assert.Contains("too large", back.Message);
        Assert.Contains("size", back.Message);
        Assert.Contains(nameof(Thrown), back.StackTrace);
        Assert.Equal(thrown.HResult, back.HResult);
    }

    [Fact]
    public void WithMembers_BringsThemAlong()
    {
        var back = (InconsistentStateException)Sent(new InconsistentStateException("stale", "1", "2", new IOException("inner")));

        Assert.Equal(("stale", "1", "2"), (back.Message, back.StoredEtag, back.CurrentEtag));
        Assert.Equal("inner", Assert.IsType<IOException>(back.InnerException).Message);
    }

    [Fact]
    public void OfAnUnmarkedType_IsReplacedAlsoAsTheCauseOfAnother()
    {
        var inner = new InvalidOperationException("outer", new UnmarkedException("private"));

        Assert.Contains(nameof(UnmarkedException), Assert.IsType<CodecNotFoundException>(Sent(new UnmarkedException("private"))).Message);
        Assert.IsType<CodecNotFoundException>(Sent(inner).InnerException);
    }

    [Theory]
    [InlineData("System.String", "System.Private.CoreLib")]
    [InlineData("System.Diagnostics.Process", "System.Diagnostics.Process")]
    [InlineData("No.Such.Type", "System.Private.CoreLib")]
    [InlineData("System.Exception", "No.Such.Assembly")]
    public void OfATypeThatIsNoException_IsStoodFor(string type, string assembly)
    {
        var record = new ExceptionRecord { TypeName = type, AssemblyName = assembly, Message = "hostile" };

        Assert.Equal("hostile", Assert.IsType<UnavailableExceptionFallbackException>(record.ToException()).Message);
    }

    private static Exception Sent(Exception exception) => Payload.Read<ExceptionRecord>(Payload.Write(ExceptionRecord.Of(exception))).ToException();

    private static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (ArgumentException e)
        {
            return e;
        }
    }

    private sealed class UnmarkedException(string message) : Exception(message);
}
